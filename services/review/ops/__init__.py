"""Operations: traces, dead letters, stuck cases."""
