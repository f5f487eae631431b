"""What a request sets going: transactions made of reads, a pure decision and one write; and who is told."""
