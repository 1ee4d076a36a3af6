"""What is measured, a module a concern: pure functions from data to measurements, none of which knows pytest."""
