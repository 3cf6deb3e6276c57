//! The catalogue of a supplier of protective and sanitary goods, written for this demonstration.

use super::error::DataError;
use crate::domain::gtin::{Gtin, check_digit};
use crate::domain::{Pack, ProductFields, Quantity, Sku};
use crate::ledger::act::Act;

/// Barcodes begin so: GS1 sets 952 aside for demonstrations, so no real article has them.
const PREFIX: &str = "9524711";
/// The indicator digit of a pack's barcode.
const PACK_INDICATOR: u8 = 1;

/// A product of the sample catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ware {
    /// Its place in the catalogue, from 0.
    pub place: usize,
    /// Its reference.
    pub sku: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its group.
    pub category: &'static str,
    /// The unit it is counted in.
    pub unit: Unit,
    /// Units in a pack; 0 = it comes in no packs.
    pub pack: i64,
    /// What the central warehouse reorders at, in units.
    pub point: i64,
    /// Whether it is tracked by lot.
    pub lots: bool,
}

/// The units of the sample catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Pieces.
    Ud,
    /// Pairs.
    Par,
    /// Boxes.
    Caja,
    /// Kilograms, with two decimals.
    Kg,
    /// Litres, with two decimals.
    L,
    /// Metres, with one decimal.
    M,
}

use Unit::{Caja, Kg, L, M, Par, Ud};

impl Unit {
    /// As the catalogue writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Ud => "ud",
            Par => "par",
            Caja => "caja",
            Kg => "kg",
            L => "l",
            M => "m",
        }
    }

    /// Decimals it is counted with.
    #[must_use]
    pub const fn decimals(self) -> u8 {
        match self {
            Ud | Par | Caja => 0,
            M => 1,
            Kg | L => 2,
        }
    }
}

/// Reference, name, unit, units in a pack, reorder point.
type Row = (&'static str, &'static str, Unit, i64, i64);

/// Groups: name, whether their goods are tracked by lot, rows.
type Group = (&'static str, bool, &'static [Row]);

const GROUPS: &[Group] = &[
    (
        "Guantes",
        false,
        &[
            ("GU-NIT-S", "Guante de nitrilo azul sin polvo, talla S (100 uds)", Caja, 10, 40),
            ("GU-NIT-M", "Guante de nitrilo azul sin polvo, talla M (100 uds)", Caja, 10, 60),
            ("GU-NIT-L", "Guante de nitrilo azul sin polvo, talla L (100 uds)", Caja, 10, 50),
            ("GU-NIT-XL", "Guante de nitrilo azul sin polvo, talla XL (100 uds)", Caja, 10, 20),
            ("GU-ANT-8", "Guante anticorte nivel D, talla 8", Par, 12, 36),
            ("GU-ANT-9", "Guante anticorte nivel D, talla 9", Par, 12, 48),
            ("GU-ANT-10", "Guante anticorte nivel D, talla 10", Par, 12, 36),
            ("GU-SOL-10", "Guante de soldador de serraje, manga larga, talla 10", Par, 6, 18),
            ("GU-QUI-9", "Guante de neopreno para productos químicos, talla 9", Par, 12, 24),
            ("GU-DIE-0", "Guante dieléctrico clase 0, talla 10", Par, 0, 6),
        ],
    ),
    (
        "Protección respiratoria",
        true,
        &[
            ("MA-FFP2", "Mascarilla autofiltrante FFP2 NR, plegada (20 uds)", Caja, 12, 45),
            ("MA-FFP3-V", "Mascarilla FFP3 NR D con válvula (10 uds)", Caja, 12, 30),
            ("MA-IIR", "Mascarilla quirúrgica tipo IIR (50 uds)", Caja, 40, 80),
            ("FI-A2P3", "Filtro combinado A2P3 de bayoneta", Par, 4, 16),
            ("FI-ABEK1", "Filtro ABEK1 de bayoneta", Par, 4, 12),
        ],
    ),
    (
        "Protección de cabeza y ojos",
        false,
        &[
            ("CA-BL", "Casco de obra con rueda de ajuste, blanco", Ud, 20, 30),
            ("CA-AM", "Casco de obra con rueda de ajuste, amarillo", Ud, 20, 30),
            ("CA-BAR", "Barboquejo de cuatro puntos para casco", Ud, 10, 25),
            ("GA-PAN", "Gafa panorámica antivaho, ventilación indirecta", Ud, 10, 24),
            ("GA-INC", "Gafa de patillas incolora, antirrayado", Ud, 12, 60),
            ("GA-SOL", "Gafa de patillas solar, categoría 3", Ud, 12, 36),
            ("PA-FAC", "Pantalla facial de policarbonato con soporte", Ud, 5, 15),
            ("CA-SOLD", "Careta de soldar optoelectrónica DIN 9-13", Ud, 0, 4),
            ("OR-32", "Orejera de diadema, SNR 32 dB", Ud, 10, 20),
            ("TA-OID", "Tapón de espuma con cordón, SNR 36 dB (200 pares)", Caja, 5, 12),
        ],
    ),
    (
        "Ropa y calzado",
        false,
        &[
            ("CH-AV-M", "Chaleco de alta visibilidad clase 2, talla M", Ud, 25, 50),
            ("CH-AV-L", "Chaleco de alta visibilidad clase 2, talla L", Ud, 25, 60),
            ("CH-AV-XL", "Chaleco de alta visibilidad clase 2, talla XL", Ud, 25, 40),
            ("MO-DES-L", "Mono desechable categoría III tipo 5/6, talla L", Ud, 25, 75),
            ("MO-DES-XL", "Mono desechable categoría III tipo 5/6, talla XL", Ud, 25, 75),
            ("BO-S3-41", "Bota de seguridad S3 SRC, número 41", Par, 5, 10),
            ("BO-S3-42", "Bota de seguridad S3 SRC, número 42", Par, 5, 12),
            ("BO-S3-43", "Bota de seguridad S3 SRC, número 43", Par, 5, 12),
            ("BO-AGUA-42", "Bota de agua de PVC S5, número 42", Par, 6, 8),
            ("CU-ZAP", "Cubrezapatos de polietileno (100 uds)", Caja, 20, 25),
        ],
    ),
    (
        "Altura y rescate",
        false,
        &[
            ("AR-ANT", "Arnés anticaídas de dos puntos de enganche", Ud, 0, 6),
            ("AB-ENE", "Absorbedor de energía con cabo de 1,8 m y gancho", Ud, 0, 8),
            ("MO-ACE", "Mosquetón de acero con cierre de rosca", Ud, 10, 30),
            ("CU-SEM-11", "Cuerda semiestática de 11 mm", M, 200, 400),
            ("LI-VID", "Línea de vida temporal de 20 m", Ud, 0, 3),
        ],
    ),
    (
        "Curas y material sanitario",
        true,
        &[
            ("GA-EST-20", "Gasa estéril 20 × 20 cm (25 sobres de 5)", Caja, 20, 40),
            ("VE-ELA-7", "Venda elástica crepé 4 m × 7 cm", Ud, 50, 100),
            ("VE-COH-10", "Venda cohesiva 4 m × 10 cm", Ud, 24, 48),
            ("ES-PAP-25", "Esparadrapo de papel 5 m × 2,5 cm", Ud, 24, 72),
            ("AP-SUR", "Apósitos adhesivos surtidos (100 uds)", Caja, 20, 30),
            ("GU-EST-75", "Guante quirúrgico estéril de látex, talla 7,5 (50 pares)", Caja, 4, 12),
            ("JE-5-LUER", "Jeringa de 5 ml cono Luer (100 uds)", Caja, 18, 24),
            ("AG-21G", "Aguja hipodérmica 21G × 40 mm (100 uds)", Caja, 50, 40),
            ("CA-OXI", "Gafas nasales de oxígeno, adulto", Ud, 50, 50),
            ("SU-SAL-500", "Suero fisiológico 0,9 %, frasco de 500 ml", Ud, 20, 60),
            ("CL-MON", "Monodosis de suero fisiológico 5 ml (30 uds)", Caja, 24, 36),
            ("MA-TER", "Manta térmica de emergencia, oro y plata", Ud, 25, 50),
        ],
    ),
    (
        "Desinfección",
        true,
        &[
            ("AL-70", "Alcohol etílico de 70° para desinfección de la piel", L, 5, 50),
            ("GE-HID-500", "Gel hidroalcohólico, frasco de 500 ml con dosificador", Ud, 12, 48),
            ("PO-YOD", "Povidona yodada 10 %, frasco de 500 ml", Ud, 12, 24),
            ("CL-HEX", "Clorhexidina acuosa 2 %, frasco de 250 ml", Ud, 20, 40),
            ("TO-DES", "Toallitas desinfectantes de superficies (200 uds)", Ud, 6, 36),
            ("HI-SOD", "Hipoclorito sódico, 40 g/l de cloro activo", L, 25, 100),
        ],
    ),
    (
        "Limpieza y taller",
        false,
        &[
            ("JA-MAN", "Jabón desengrasante de manos con microesferas", Kg, 4, 24),
            ("AB-MIN", "Absorbente mineral en grano", Kg, 20, 120),
            ("TR-ALG", "Trapo de algodón blanco", Kg, 10, 40),
            ("DE-IND", "Desengrasante industrial alcalino", L, 5, 40),
            ("AC-COR", "Aceite de corte soluble", L, 20, 60),
            ("BO-PAP", "Bobina de papel secamanos de dos capas", Ud, 6, 48),
            ("BO-RES-100", "Bolsa para residuos de 100 l (10 uds)", Ud, 20, 40),
            ("DI-115", "Disco de corte de 115 × 1 mm para inoxidable", Ud, 25, 100),
        ],
    ),
    (
        "Señalización y primeros auxilios",
        false,
        &[
            ("CI-BAL", "Cinta de balizamiento roja y blanca", M, 200, 600),
            ("CO-75", "Cono de señalización de 75 cm reflectante", Ud, 5, 15),
            ("EX-6-ABC", "Extintor de polvo ABC de 6 kg", Ud, 0, 6),
            ("BO-PA-A", "Botiquín de primeros auxilios para 20 personas", Ud, 0, 5),
            ("SE-SAL", "Señal fotoluminiscente de salida, 320 × 160 mm", Ud, 10, 12),
            ("CA-SEG", "Cadena de plástico roja y blanca, eslabón de 6 mm", M, 25, 75),
        ],
    ),
];

/// All products, in the order of the catalogue.
pub fn wares() -> impl Iterator<Item = Ware> {
    let rows =
        GROUPS.iter().flat_map(|&(category, lots, rows)| rows.iter().map(move |row| (category, lots, row)));
    rows.enumerate().map(|(place, (category, lots, &(sku, name, unit, pack, point)))| Ware {
        place,
        sku,
        name,
        category,
        unit,
        pack,
        point,
        lots,
    })
}

/// The products by group, in the order of the catalogue.
#[must_use]
pub fn by_category() -> Vec<(&'static str, Vec<Ware>)> {
    let groups = GROUPS.iter().map(|&(category, ..)| category);
    groups.map(|category| (category, wares().filter(|ware| ware.category == category).collect())).collect()
}

impl Ware {
    /// Its reference, as a name.
    ///
    /// # Errors
    /// Never, for the wares there are.
    pub fn sku(&self) -> Result<Sku, DataError> {
        Ok(Sku::new(self.sku)?)
    }

    /// The barcode of one unit: 13 digits.
    ///
    /// # Errors
    /// Never, for the wares there are.
    pub fn barcode(&self) -> Result<Gtin, DataError> {
        Ok(Gtin::parse(&with_check_digit(&self.body()))?)
    }

    /// Packs it comes in, each with a barcode of 14 digits.
    ///
    /// # Errors
    /// Never, for the wares there are.
    pub fn packs(&self) -> Result<Vec<Pack>, DataError> {
        if self.pack == 0 {
            return Ok(Vec::new());
        }
        let barcode = Gtin::parse(&with_check_digit(&format!("{PACK_INDICATOR}{}", self.body())))?;
        Ok(vec![Pack { size: Quantity::units(self.pack)?, barcode: Some(barcode) }])
    }

    /// The act that puts it into the catalogue.
    ///
    /// # Errors
    /// Never, for the wares there are.
    pub fn definition(&self) -> Result<Act, DataError> {
        let fields = ProductFields {
            name: Some(self.name.to_owned()),
            unit: Some(self.unit.word().to_owned()),
            decimals: Some(self.unit.decimals()),
            barcodes: Some(vec![self.barcode()?]),
            packs: Some(self.packs()?),
            category: Some(self.category.to_owned()),
            lot_tracked: Some(self.lots),
        };
        Ok(Act::SetProduct { sku: self.sku()?, fields, unlocked: true })
    }

    /// The twelve digits before the check digit.
    fn body(&self) -> String {
        format!("{PREFIX}{:05}", 10_010 + 10 * self.place)
    }
}

fn with_check_digit(digits: &str) -> String {
    let values: Vec<u8> = digits.bytes().map(|digit| digit.saturating_sub(b'0')).collect();
    format!("{digits}{}", check_digit(&values))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_catalogue_is_large_enough_and_no_reference_comes_twice() {
        let skus: BTreeSet<_> = wares().map(|ware| ware.sku().unwrap()).collect();
        assert!(skus.len() >= 60, "{} products", skus.len());
        assert_eq!(skus.len(), wares().count());
    }

    #[test]
    fn every_barcode_is_valid_and_of_one_product_only() {
        let mut seen = BTreeSet::new();
        for ware in wares() {
            let unit = ware.barcode().unwrap();
            assert_eq!(unit.short().len(), 13, "{}", ware.sku);
            assert!(seen.insert(unit), "{}", ware.sku);
            for pack in ware.packs().unwrap() {
                let code = pack.barcode.unwrap();
                assert_eq!(code.short().len(), 14, "{}", ware.sku);
                assert!(seen.insert(code), "{}", ware.sku);
            }
        }
    }

    #[test]
    fn packs_and_reorder_points_are_sensible() {
        for ware in wares() {
            assert!(ware.point > 0 && ware.pack >= 0, "{}", ware.sku);
            assert!(ware.pack <= ware.point * 2, "{}: a pack outlasts the stock", ware.sku);
        }
        for unit in [Ud, Par, Caja, Kg, L, M] {
            assert!(wares().any(|ware| ware.unit == unit), "{}", unit.word());
        }
    }
}
