"""The daemon's socket: commands that somebody of its group typed are run by the daemon, as if typed by its own user.

The mirror is readable by one user alone. Whoever may talk to this socket hands over the words of a command and the
three descriptors of their terminal, and the daemon starts the very same command as a process of its own with them: so
tables, questions, pipes and exit codes are those of the command itself, and nobody needs another right on the files.

Nothing here looks into the mirror or knows what a command does; permission is what the file system says of the socket.
"""

HANDED = "SYNCD_HANDED"
"""The variable in which a process that acts for a caller finds what they typed: unlike its arguments, nobody else on
the machine can read it there, and words may be somebody's address."""
