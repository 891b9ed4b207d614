"""The feature logic and the model: what training and serving must do alike. Standard library only."""
