//! Positions and spaces: what comes out, what is wrong with them, each said in full.

use glam::DVec3;

use super::tests::{checked, models, one, wrong};
use super::*;
use crate::network::space::metric::UM;
use crate::network::{Network, Order, Positions, Space};

/// Positions of a population of twelve neurons (a shape of 3 rows and 4 columns), in um.
fn twelve(positions: Positions) -> Vec<[f64; 3]> {
    let net = one(|p| {
        p.shape([3, 4]).positions(positions);
    });
    um(&checked(&net).populations[0].positions)
}

fn um(positions: &Option<Arc<Vec<DVec3>>>) -> Vec<[f64; 3]> {
    let round = |x: f64| (x / UM * 1e9).round() / 1e9;
    positions.as_ref().unwrap().iter().map(|p| p.to_array().map(round)).collect()
}

#[test]
fn grids_follow_the_shape() {
    let rows = twelve(Positions::grid("25 um"));
    assert_eq!((rows[1], rows[4], rows[11]), ([25.0, 0.0, 0.0], [0.0, 25.0, 0.0], [75.0, 50.0, 0.0]));
    // the first size of the shape lies along x
    let columns = twelve(Positions::grid("25 um").order(Order::Columns));
    assert_eq!((columns[1], columns[4], columns[11]), ([0.0, 25.0, 0.0], [25.0, 0.0, 0.0], [50.0, 75.0, 0.0]));
    let own = twelve(Positions::grid(["10 um", "0.02 mm"]).centre(["1 mm", "0 mm", "3 um"]));
    assert_eq!((own[0], own[11]), ([985.0, -20.0, 3.0], [1015.0, 20.0, 3.0]));
    let net = one(|p| {
        p.positions(Positions::grid("1 um").counts([2, 3, 2])).size = Some(12);
    });
    assert_eq!(um(&checked(&net).populations[0].positions)[7], [1.0, 0.0, 1.0]);
}

#[test]
fn lines_lists_and_what_is_drawn() {
    let line = twelve(Positions::line("2 um").origin(["-4 um"]));
    assert_eq!((line[0], line[11]), ([-4.0, 0.0, 0.0], [18.0, 0.0, 0.0]));
    let at: Vec<Vec<f64>> = (0..12).map(|k| vec![f64::from(k), -0.5]).collect();
    assert_eq!(twelve(Positions::list(at, "mm"))[3], [3000.0, -500.0, 0.0]);
    let even = twelve(Positions::in_box(["1 mm", "2 mm"]).centre(["0 mm", "5 mm"]));
    assert!(even.iter().all(|p| p[0].abs() <= 500.0 && (4000.0..6000.0).contains(&p[1]) && p[2] == 0.0));
    let disc = twelve(Positions::in_disc("10 um"));
    assert!(disc.iter().all(|p| p[0].hypot(p[1]) <= 10.0 && p[2] == 0.0));
    let ball = twelve(Positions::in_ball("10 um").centre(["0 um", "0 um", "100 um"]));
    assert!(ball.iter().all(|p| p[0].hypot(p[1]).hypot(p[2] - 100.0) <= 10.0));
    // the seed alone moves them
    assert_eq!(twelve(Positions::in_disc("10 um")), disc);
    let net = |seed| {
        let mut net = one(|p| {
            p.positions(Positions::in_disc("10 um"));
        });
        net.seed(seed);
        um(&checked(&net).populations[0].positions)
    };
    assert_ne!(net(1), net(2));
}

#[test]
fn positions_come_from_tables() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cells.csv"), "id,depth,side\n0,10,1\n1,20,2\n2,30,4\n").unwrap();
    let of = |columns: &[&str]| {
        one(|p| {
            p.positions(Positions::table("cells.csv", columns.iter().copied(), "um"));
        })
    };
    let out = check(&of(&["side", "depth"]), &models(), folder.path()).unwrap();
    assert_eq!(um(&out.populations[0].positions), [[1.0, 10.0, 0.0], [2.0, 20.0, 0.0], [4.0, 30.0, 0.0]]);
    let said = super::tests::wrong_in(&of(&["side", "height"]), folder.path());
    assert_eq!(said, "error[E082]: population exc: `cells.csv` has no column `height`; there are `id`, `depth`, `side`");
}

#[test]
fn every_way_to_get_positions_wrong_has_its_sentence() {
    let said = |positions: Positions| {
        wrong(&one(|p| {
            p.shape([3, 4]).positions(positions);
        }))
    };
    let start = "error[E085]: population exc: ";
    let cases = [
        (Positions::line("0 um"), format!("{start}`spacing` is a length above 0, got 0 um")),
        (Positions::grid(["1 um"; 3]), format!("{start}`spacing` is a list of 3, expected 2 for as many axes")),
        (Positions::grid("1 um").counts([4, 4]), format!("{start}a grid of 4 x 4 sites for 12 neurons")),
        (
            Positions::grid("1 um").counts([3, 4]),
            format!(
                "{start}the shape says [4, 3] along x, y, ..., and `counts` [3, 4]\n  help: leave `counts` out, or give the population a size instead of a shape"
            ),
        ),
        (Positions::grid("1 um").counts([12]), format!("{start}a grid has two or three axes, `counts` names 1")),
        (
            Positions::grid("1 um").origin(["0 um"]).centre(["0 um"]),
            format!("{start}`origin` and `centre` are both given\n  help: keep one of them"),
        ),
        (Positions::in_box(Vec::<&str>::new()), format!("{start}`size` is a list of 0, expected one to three")),
        (Positions::in_disc("-1 um"), format!("{start}`radius` is a length above 0, got -1 um")),
        (Positions::in_ball("1 um").centre(["0 um"; 4]), format!("{start}`centre` is a point of one to three coordinates, got 4")),
    ];
    for (positions, expected) in cases {
        assert_eq!(said(positions), expected);
    }
    assert_eq!(said(Positions::list(vec![vec![1.0]; 2], "um")), "error[E033]: population exc: 2 positions for 12 neurons");
    assert_eq!(
        said(Positions::list(vec![vec![1.0, 2.0, 3.0, 4.0]; 12], "um")),
        format!("{start}the position of neuron 0 has 4 numbers, expected one to three")
    );
    assert_eq!(
        said(Positions::list(vec![vec![1.0]; 12], "ms")),
        "error[E030]: population exc: `unit` is one of length, got `ms`\n  help: write for example `unit = \"um\"`"
    );
    assert_eq!(said(Positions::line("2 ms")), "error[E030]: population exc: `spacing` is a length (um), got 2 ms (time)");
    let flat = one(|p| {
        p.positions(Positions::grid("1 um"));
    });
    assert_eq!(
        wrong(&flat),
        format!(
            "{start}a grid of 3 neurons does not say how many there are along each axis\n  help: write `shape = [rows, columns]` instead of `size`, or `counts = [COLUMNS, ROWS]` in the grid"
        )
    );
}

#[test]
fn spaces_are_checked_where_they_stand() {
    let said = |space: Space| {
        let mut net = Network::new("net");
        net.space(space);
        wrong(&net)
    };
    let start = "error[E086]: network: ";
    assert_eq!(said(Space::default().axes("xx")), format!("{start}`axes` names axes once each, such as `xy`, got `xx`"));
    assert_eq!(
        said(Space::default().axes("x").periodic_y("1 mm")),
        format!("{start}y closes and does not count\n  help: leave it out of `periodic`, or name y in `axes`")
    );
    assert_eq!(said(Space::default().scale(0.0)), format!("{start}`scale` is a finite number other than 0, got 0"));
    assert_eq!(said(Space::default().periodic_z("0 mm")), "error[E085]: network: `z` is a length above 0, got 0 mm");
}
