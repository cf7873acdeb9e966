"""The HTTP layer of the API: access, responses, problems."""
