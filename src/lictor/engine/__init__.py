"""The engines that run flows and tasks, as generators that say what they need done."""
