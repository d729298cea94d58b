"""What moves money: attempts, refunds, disputes, credit notes, balances, payouts."""
