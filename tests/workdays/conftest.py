from hypothesis import settings

settings.register_profile("calm", deadline=None)  # a busy machine is no mistake of the calendar
settings.load_profile("calm")
