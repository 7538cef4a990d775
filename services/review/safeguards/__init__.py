"""What an approval needs beside one person's word: a second person, by agency, category, urgency or failed check."""
