"""`mlquality init`: what data and model say of themselves, proposed as a gate for people to correct."""
