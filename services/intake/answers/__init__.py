"""The pages behind the link in a reply, where its citizen says whether it solved the matter."""
