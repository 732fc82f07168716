"""Cards 社会保障卡: from the application to the grave."""
