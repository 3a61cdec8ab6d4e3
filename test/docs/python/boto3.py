"""What the Python recipe uses of boto3, over a list of values that the test sets."""


class Client:
    def __init__(self):
        self.asked = []
        self.value = None

    def get_secret_value(self, *, SecretId):
        self.asked.append(SecretId)
        return {"SecretString": self.value}


secrets_manager = Client()


def client(service):
    assert service == "secretsmanager", service
    return secrets_manager
