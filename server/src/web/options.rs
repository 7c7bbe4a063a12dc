//! Where the page's files are, from Leptos' own section of the configuration file.

use std::path::{Path, PathBuf};

use leptos::config::errors::LeptosConfigError;
use leptos::config::{LeptosOptions, get_configuration};

use crate::config::Config;

/// The name of program and style sheet, as `Cargo.toml` has it too.
const OUTPUT_NAME: &str = "crosspoint";
/// Where cargo-leptos puts the files.
const SITE_ROOT: &str = "target/site";

/// Leptos' options: from the file, `LEPTOS_*` variables over it, or the defaults where the file has no such section.
pub(crate) fn options(config: &Config) -> Result<LeptosOptions, LeptosConfigError> {
    let file = config.file.as_deref().and_then(Path::to_str);
    let by_variables = std::env::var_os("LEPTOS_OUTPUT_NAME").is_some();
    let found = match (file, by_variables) {
        (Some(file), _) => get_configuration(Some(file)),
        (None, true) => get_configuration(None),
        (None, false) => Err(LeptosConfigError::ConfigSectionNotFound),
    };
    let mut options = match found {
        Ok(found) => found.leptos_options,
        Err(LeptosConfigError::ConfigSectionNotFound) => LeptosOptions::builder()
            .output_name(OUTPUT_NAME)
            .site_root(SITE_ROOT)
            .build(),
        Err(error) => return Err(error),
    };
    let wanted = Path::new(&*options.site_root);
    match existing(wanted) {
        Some(found) => options.site_root = found.to_string_lossy().into(),
        None => tracing::warn!(
            site_root = %wanted.display(),
            "the page's files are missing: it works as a plain form only; build them with `make build`"
        ),
    }
    Ok(options)
}

/// As it is named, seen from the working directory; else beside the program, where a build or an installation has it.
fn existing(wanted: &Path) -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent);
    [
        Some(wanted.to_owned()),
        beside.map(|dir| dir.join("site")),
        beside.map(|dir| dir.join("../site")),
    ]
    .into_iter()
    .flatten()
    .find(|path| path.is_dir())
}
