"""Project calculation as a library: numbers in, numbers out, no clock, no files, no framework."""
