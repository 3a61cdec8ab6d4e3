"""What the example uses of botocore."""


class BotoCoreError(Exception):
    pass
