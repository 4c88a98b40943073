# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Gives what WRITER finished to the administrators, with the rights that the folder hands down: WRITER then has none on it.
# What could not be taken is told, and makes the task fail, after everything else was taken.
param (
    [Parameter(Mandatory)] [String] $Folder,
    [Parameter(Mandatory)] [String] $Writer
)
# Not Stop: Windows PowerShell makes an error of each line that a program writes beside its output.
$ErrorActionPreference = 'Continue'
$left = @()
foreach ($item in Get-ChildItem -LiteralPath $Folder -Recurse -Force -ErrorAction Stop) {
    if ($item.Name -like '*.part' -and -not $item.PSIsContainer) { continue }
    $owner = (Get-Acl -LiteralPath $item.FullName -ErrorAction Stop).Owner
    if ($owner -notlike "*\$Writer") { continue }
    # A program that fails raises nothing by itself.
    $told = & icacls.exe $item.FullName /setowner '*S-1-5-32-544' /Q 2>&1
    if ($LASTEXITCODE -eq 0) {
        $told = & icacls.exe $item.FullName /reset /Q 2>&1
        if ($LASTEXITCODE -eq 0) { continue }
        # Still with the rights of its writer: it stays his in name as well, so that the next run tries again.
        $null = & icacls.exe $item.FullName /setowner $owner /Q 2>&1
    }
    $left += "$($item.FullName): $told"
}
foreach ($line in $left) { [Console]::Error.WriteLine("not taken from ${Writer}: $line") }
exit [Int32] ($left.Count -gt 0)
