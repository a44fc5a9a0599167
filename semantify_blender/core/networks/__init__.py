"""Networks out of files, run in NumPy: perceptrons (`layers`) and whole graphs of operators (`graph`, `runner`)."""
