//! Our own certificate with its key: read from files, or made by us.

use std::path::Path;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;
use crate::config::Config;
use crate::transport::reachable;

/// A certificate, what leads from it to its authority, and the key.
pub(super) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Self {
            chain: self.chain.clone(),
            key: self.key.clone_key(),
        }
    }
}

impl Identity {
    pub(super) fn read(cert: &Path, key: &Path) -> Result<Self, TlsError> {
        let failed = |cause| TlsError::File {
            key: "tls.key",
            path: key.to_owned(),
            cause,
        };
        Ok(Self {
            chain: certificates("tls.cert", cert)?,
            key: PrivateKeyDer::from_pem_file(key).map_err(failed)?,
        })
    }

    /// One without end (RFC 5280 section 4.1.2.5): who trusts it does so by its fingerprint, and renewing it would ask
    /// everybody again.
    pub(super) fn self_signed(names: Vec<String>) -> Result<Self, TlsError> {
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.remove(DnType::CommonName);
        params
            .distinguished_name
            .push(DnType::CommonName, "Crosspoint");
        params.not_after = rcgen::date_time_ymd(9999, 12, 31);
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        Ok(Self {
            chain: vec![certificate.into()],
            key: PrivateKeyDer::Pkcs8(key.into()),
        })
    }
}

/// All certificates of a file; at least one.
pub(super) fn certificates(
    key: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .and_then(|found: Vec<_>| match found.is_empty() {
            false => Ok(found),
            true => Err(rustls::pki_types::pem::Error::NoItemsFound),
        })
        .map_err(|cause| TlsError::File {
            key,
            path: path.to_owned(),
            cause,
        })
}

/// By what phones and browsers call us: each of them wants the name that it used in the certificate.
pub(super) fn names(config: &Config) -> Vec<String> {
    let sip = &config.sip;
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    let hosts = sip.advertised.iter().chain(&sip.domains);
    names.extend(hosts.map(|host| host.trim_matches(['[', ']']).to_owned()));
    let addresses = sip
        .tls
        .iter()
        .chain(&sip.wss)
        .flat_map(|addr| reachable(*addr));
    names.extend(addresses.map(|addr| addr.ip().to_string()));
    names.extend(config.web.names.iter().cloned());
    names.sort_unstable();
    names.dedup();
    names
}
