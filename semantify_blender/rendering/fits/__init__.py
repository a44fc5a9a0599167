"""From pictures to shapes without a window, and the files of it."""
