"""The page: Dash lays it out, the browser draws live data itself, and one origin serves all of it."""
