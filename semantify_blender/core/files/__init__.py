"""Files: read by narrow readers, written aside and renamed."""
