"""Microsoft Project's XML interchange format (MSPDI), also as TaskJuggler, MPXJ and others write it."""
