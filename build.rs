//! Migrations are compiled in; cargo doesn't notice a new file among them by itself.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
