"""What people agreed the data are: rules, each a count in a query of the engine that holds the rows."""
