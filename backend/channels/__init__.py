"""Messages about runs to services outside, such as Slack or mail."""
