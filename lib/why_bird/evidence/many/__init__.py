"""Many networks of one run: a page of their own, that shows what differs between them."""
