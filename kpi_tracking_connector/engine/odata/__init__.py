"""OData 4: what clients ask for, and how a service describes itself."""
