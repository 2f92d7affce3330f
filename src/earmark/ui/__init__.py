"""The window: widgets in, signals out; `ui.window` joins them to `app` through `ui.bridge`."""
