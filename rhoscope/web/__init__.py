"""What both servers, the API and the page, put around every request. Plain ASGI, without a framework."""
