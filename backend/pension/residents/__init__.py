"""城乡居民基本养老保险 (国发〔2014〕8号): whoever is in no employee's scheme pays by the year and is paid from sixty."""
