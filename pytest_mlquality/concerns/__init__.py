"""What a test is handed, a class a concern: the subject's parts on one side, measurements on the other."""
