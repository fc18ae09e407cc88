//! Tables lie below the folder of the network file, and nowhere else.

use super::tests::{checked, models, one, wrong_in};
use super::*;
use crate::network::checked::{Column, RowSet};
use crate::network::value::Distribution;
use crate::network::{Connector, Network, Rows};

#[test]
fn tables_lie_below_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("net");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(folder.path().join("secret.csv"), "x\n1\n").unwrap();
    std::fs::write(inner.join("t.csv"), "kind,c,x\na,0.1,1\nb,0.2,2\na,0.3,3\n").unwrap();
    let column =
        |file: &str, column: &str| Distribution::Column { file: Some(file.into()), column: column.into(), unit: Some("nF".into()) };
    let mut net = one(|p| {
        p.parameter("c_m", column("t.csv", "c"));
    });
    net.probe("exc", "v").rows = Some(Rows::Where { file: "t.csv".into(), column: "kind".into(), equals: "a".into() });
    let out = check(&net, &models(), &inner).unwrap();
    assert_eq!(out.populations[0].params[0], Column::PerRow(vec![100.0, 200.0, 300.0]));
    assert_eq!(out.probes[0].rows, RowSet::List(vec![0, 2]));
    std::fs::write(inner.join("t.csv"), "kind,c,x\na,0.1,1\nb,0.2,2\na,0.3,4\n").unwrap();
    assert_ne!(check(&net, &models(), &inner).unwrap().hash, out.hash, "the bytes of tables are part of the hash");

    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("secret.csv"), inner.join("link.csv")).unwrap();
    let absolute = inner.join("t.csv");
    for path in ["../secret.csv", "a/../../secret.csv", "", absolute.to_str().unwrap(), "link.csv"] {
        let net = one(|p| {
            p.parameter("c_m", column(path, "c"));
        });
        let expected = format!(
            "error[E080]: population exc: `{path}` does not lie below the folder of the network file\n  help: write a path relative to that folder, without `..`"
        );
        assert_eq!(wrong_in(&net, &inner), expected);
    }
    let net = one(|p| {
        p.parameter("c_m", column("none.csv", "c"));
    });
    assert!(wrong_in(&net, &inner).starts_with("error[E081]: population exc: `none.csv` cannot be read: "));
    let net = one(|p| {
        p.parameter("c_m", column("t.csv", "d"));
    });
    assert_eq!(wrong_in(&net, &inner), "error[E082]: population exc: `t.csv` has no column `d`; there are `kind`, `c`, `x`");
    let net = one(|p| {
        p.parameter("c_m", column("t.csv", "kind"));
    });
    assert_eq!(
        wrong_in(&net, &inner),
        "error[E082]: population exc: t.csv, line 2: column `kind` holds the text `a`, numbers are expected"
    );
}

#[test]
fn a_missing_connector_of_an_empty_network_is_nothing_wrong() {
    let out = checked(&Network::default());
    assert!(out.populations.is_empty() && out.remarks.is_empty());
    assert_eq!(Connector::default(), Connector::AllToAll);
}
