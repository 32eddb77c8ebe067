"""The SigmaMind dialect: agents, test cases, batch runs, test runs and chats."""
