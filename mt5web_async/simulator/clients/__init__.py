"""Those who are connected: sessions, what each is let into and gets to hear."""
