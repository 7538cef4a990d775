"""What every page shares: the layout, forms that only our own pages can send, and how errors are shown."""
