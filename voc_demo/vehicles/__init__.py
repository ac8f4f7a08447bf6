"""Vehicles: on the road, on rails, on water and in the air."""
