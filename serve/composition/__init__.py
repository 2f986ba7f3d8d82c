"""Where the service's parts are made and handed to each other."""
