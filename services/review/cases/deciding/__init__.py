"""The actions of people on a case, as rules: pure, time is an argument."""
