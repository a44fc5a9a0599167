"""Finding people and faces in photographs, and reading their joints and features, by the networks in data/finders."""
