"""From a line of English to sliders: what words say, how they are put together, and which sliders do that."""
