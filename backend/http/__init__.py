"""What the API says in HTTP's own words: who may come in, answers, problems."""
