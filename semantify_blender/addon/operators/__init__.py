"""What the user can do, one undo step each. The work itself is in the rooms beside this one."""
