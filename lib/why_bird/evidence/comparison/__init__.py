"""Two runs side by side: what is otherwise now, as sentences, a page and Markdown."""
