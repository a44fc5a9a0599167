"""Drawing: panels, menus and words on them. Reads state, changes nothing."""
