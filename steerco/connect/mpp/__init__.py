"""Microsoft Project's own files, MPX, Primavera XML and Planner, converted to MSPDI by MPXJ in a child process."""
