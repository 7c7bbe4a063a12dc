//! The registrar: REGISTER in, bindings and a response out (RFC 3261 section 10.3).
