//! The certificate of our own making as a file in the data directory, so that whoever trusts it need not do so again
//! after a restart. Certificate and key stand in one file, so neither is ever there without the other.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::pki_types::UnixTime;
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;

use super::identity::Identity;
use super::{TlsError, provider};

/// In the data directory.
pub(super) const FILE: &str = "tls.pem";

/// What is kept in `dir`, if it is good at `now`; else a new one for these names, which is kept from now on.
pub(super) fn identity(
    dir: &Path,
    now: UnixTime,
    names: Vec<String>,
) -> Result<Identity, TlsError> {
    let path = dir.join(FILE);
    if path.exists() {
        match read(&path, now) {
            Ok(kept) => return Ok(kept),
            Err(error) => tracing::warn!(
                path = %path.display(),
                error = %cause(&error),
                "the certificate that was kept is no longer good, so a new one is made: phones have to be told to trust it"
            ),
        }
    }
    let own = Identity::self_signed(names)?;
    write(&path, &own).map_err(|cause| TlsError::Keep { path, cause })?;
    Ok(own)
}

fn read(path: &Path, now: UnixTime) -> Result<Identity, TlsError> {
    let kept = Identity::read(path, path)?;
    check(&kept, now).map_err(TlsError::Unusable)?;
    Ok(kept)
}

/// Without the advice, which is for files that a setting names.
fn cause(error: &TlsError) -> &dyn fmt::Display {
    match error {
        TlsError::File { cause, .. } => cause,
        TlsError::Unusable(cause) => cause,
        other => other,
    }
}

/// Whether it has signed itself, has not run out, and is of this key.
fn check(kept: &Identity, now: UnixTime) -> Result<(), rustls::Error> {
    let provider = provider();
    let own = kept
        .chain
        .first()
        .ok_or(rustls::Error::NoCertificatesPresented)?;
    let mut roots = RootCertStore::empty();
    roots.add(own.clone())?;
    verify_server_cert_signed_by_trust_anchor(
        &ParsedCertificate::try_from(own)?,
        &roots,
        &[],
        now,
        provider.signature_verification_algorithms.all,
    )?;
    CertifiedKey::from_der(kept.chain.clone(), kept.key.clone_key(), &provider)?;
    Ok(())
}

/// In PEM (RFC 7468), for this user alone, whole or not at all.
fn write(path: &Path, own: &Identity) -> io::Result<()> {
    let mut text = pem("PRIVATE KEY", own.key.secret_der());
    for certificate in &own.chain {
        text.push_str(&pem("CERTIFICATE", certificate));
    }
    let new = path.with_extension("new");
    // What a crash may have left there need not be for this user alone.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
}

fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in der.chunks(48) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use rcgen::{CertificateParams, KeyPair};
    use rustls::pki_types::PrivateKeyDer;
    use tempfile::TempDir;

    use super::*;

    const NOON: u64 = 1_767_268_800;

    /// The certificate that a start at that second shows.
    fn start(dir: &TempDir, at: u64) -> Vec<u8> {
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at));
        let own = identity(dir.path(), now, vec!["localhost".to_owned()]).unwrap();
        own.chain[0].to_vec()
    }

    #[test]
    fn it_stays_the_same_over_restarts_and_is_for_this_user_alone() {
        let dir = TempDir::new().unwrap();
        let first = start(&dir, NOON);
        assert_eq!(start(&dir, NOON + 1_000_000_000), first);
        assert_ne!(start(&TempDir::new().unwrap(), NOON), first);
        let mode = fs::metadata(dir.path().join(FILE)).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }

    #[test]
    fn a_new_one_takes_the_place_of_one_that_cannot_be_read() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join(FILE);
        let (one, other) = (start(&dir, NOON), start(&TempDir::new().unwrap(), NOON));
        let text = fs::read_to_string(&path).unwrap();
        let half = &text[..text.len() / 2];
        let foreign = pem("CERTIFICATE", &other);
        let mixed = text.split("-----BEGIN CERT").next().unwrap().to_owned() + &foreign;
        for bad in ["", "no certificate", half, &mixed] {
            fs::write(&path, bad).unwrap();
            let new = start(&dir, NOON);
            assert!(new != one && new != other, "{bad}");
            assert_eq!(start(&dir, NOON), new);
        }
    }

    #[test]
    fn a_new_one_takes_the_place_of_one_that_has_run_out() {
        let dir = TempDir::new().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2026, 6, 1);
        let key = KeyPair::generate().unwrap();
        let own = Identity {
            chain: vec![params.self_signed(&key).unwrap().into()],
            key: PrivateKeyDer::Pkcs8(key.into()),
        };
        write(&dir.path().join(FILE), &own).unwrap();
        let kept = own.chain[0].to_vec();
        assert_eq!(start(&dir, NOON), kept);
        let renewed = start(&dir, NOON + 365 * 86_400);
        assert_ne!(renewed, kept);
        assert_eq!(start(&dir, NOON + 365 * 86_400), renewed);
    }
}
