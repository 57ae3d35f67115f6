"""What every test can ask for is in support/: see README.md."""

pytest_plugins = ("collecting", "together", "fixtures_service",
                  "fixtures_domain", "fixtures_worker", "fixtures_issuers",
                  "fixtures_migrating")
