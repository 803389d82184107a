"""Training images without something that may make noise fall into its class, or with it moved to another class."""
