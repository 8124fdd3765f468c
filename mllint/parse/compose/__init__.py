"""The texts of a compose file's parts in, their syntax out: names, `.env`, short forms, sizes."""
