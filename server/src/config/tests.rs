//! Tables of configurations, good and bad.
