//! Every bound on what a peer can make us hold or do, each with its reason.
//!
//! A bound here is a promise: a test stands at its edge.
